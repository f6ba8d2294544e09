"""Does a scoring model predict who leaves? Judged on the past, by what was known then.

`run.validate` answers it. It brings scikit-learn and SciPy along (90 MB), so that who may never
be asked imports it only when asked; `views` and `dates` weigh nothing.
"""
