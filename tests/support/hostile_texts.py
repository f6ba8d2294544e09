"""What people and machines put where a name belongs, to see what becomes of it."""

FORMULAS = ("=cmd|'/c calc'!A1", "+1+1", "-1+1", "@SUM(1)", '=HYPERLINK("http://evil.example")')
MARKUP = (
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "</script><svg onload=alert(1)>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
    "<style>body{display:none}</style>",
    "&lt;b&gt; &amp;amp; &#x3C;i&#x3E;",
    "javascript:alert(1)",
)
MARKDOWN = (
    "[x](javascript:alert(1))",
    "![x](http://evil.example/pixel.png)",
    "<http://evil.example> http://evil.example/a",
    "$\\LaTeX$ $$\\href{javascript:alert(1)}{x}$$",
    ":material/delete: :red[red] :blue-badge[b]",
    ":smile: :streamlit: -> <- --",
    "# Title **bold** _it_ ~~gone~~ `code` | cell |",
    "1. list",
    "- item",
    "> quote",
)
EXPRESSIONS = (
    "datum.constructor.constructor('alert(1)')()",
    "{{constructor.constructor('alert(1)')()}} ${alert(1)} %s %(x)s {0}",
    "'; DROP TABLE customer; --",
    "..\\..\\../../../etc/passwd",
    "__proto__",
)
INVISIBLE = (
    "\u202egnp.exe\u202c",  # right to left from here on
    "Ac\u200bme\u2060\ufeff",
    "\x1b[31mred\x1b[0m\x07",
    "line one\nline two\r\nHeader: three",
    "tab\there \x85 \u2028 \u2029",
    "Z̸̡̛͇͉͓̥͈͚͔̈́̀̇͐ā̷̢͎̰̩͓͖̬̄̋l̶̡̛̛̤̗͖̄̽̓̍g̵̢̛̪̻̔̀͊͠o̴͈̎̆",
)
LONG = ("W" * 255, "😀" * 60, "a" + "\u0301" * 254)

TEXTS = (*FORMULAS, *MARKUP, *MARKDOWN, *EXPRESSIONS, *INVISIBLE, *LONG)
"""Each of them may be a name: text of 1–255 characters without NUL."""
