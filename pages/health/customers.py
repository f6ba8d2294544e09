"""Every customer: search, filter, sort, page, open, download."""

import streamlit as st

from services.clock import utc_now
from ui import format as as_text
from ui import gate, loaders, page
from ui.customers import download, filters, table
from ui.customers.sorts import SORTS

PAGE_SIZE = 15

gate.guard()
choices = loaders.choices()

page.header("Customers", "Select a row to open the customer. The address holds the view: share it.")
with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    filters.search_and_status()
    filters.more_filters(choices)
    filters.sort_box()
    view = filters.chosen(choices)
    download.button(view)

totals = loaders.totals(view.filters)
if not totals.customers:
    with page.card("No customer matches"):
        st.markdown("Search for something shorter, or take filters away.")
        st.button("Clear filters", on_click=filters.clear, key="clear-empty")
    st.stop()

rows = st.container()
with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    footer = st.container(width="content")
    number = st.pagination(-(-totals.customers // PAGE_SIZE), key="page", **filters.BOUND)
first = (number - 1) * PAGE_SIZE
shown = loaders.customer_table(view.filters, SORTS[view.sort], PAGE_SIZE, first)
with rows:
    table.show(shown, view.sort, utc_now())
customers = as_text.plural(totals.customers, "customer")
arr = as_text.money(totals.arr).replace("$", "\\$")
shown_from, shown_to = as_text.count(first + 1), as_text.count(first + len(shown.items))
footer.caption(f"{shown_from}–{shown_to} of {customers} · {arr} ARR")
