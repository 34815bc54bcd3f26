"""How fast the page is in Chromium, beside its budgets: for ``make bench``, and for tests that hold it to them."""
