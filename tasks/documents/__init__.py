"""Documents: files in and out.

`reader.read_document` is the way in; `originals` keeps the uploaded files. Everything between is run
in a child process (`child`), which is why this package imports nothing here: starting the child must
cost only what the one format needs. The ways out are the modules named ``export_*``.
"""
