"""How good matching is, on sets that others labelled: `make evaluate DATA=PATH`.

Each module with a `SECTION` measures one thing and prints tables. Nothing here is fitted on the folder that is
measured, but where a table's title says "cross-validated"; everything else uses what the package ships.
"""
