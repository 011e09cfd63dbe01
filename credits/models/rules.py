"""The rules of a row as one database function, for CHECK constraints on the ledger's busiest tables."""

from django.db import models


class Rules(models.Func):
    """`function(columns…)` as a condition; the functions, and the names of their rules, are in rules.sql.

    PostgreSQL parses every CHECK anew for every statement: written out as conditions, the rules of the five
    rows that a hold touches cost as much as writing them. A function is compiled once for a connection.
    """

    output_field = models.BooleanField()

    def __init__(self, function: str, *columns: str) -> None:
        super().__init__(*columns, function=function)
