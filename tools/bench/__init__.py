"""How fast builds start, run and finish, beside a floor, and how fast the page is, beside its budgets."""
