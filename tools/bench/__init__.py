"""How fast builds start, run and finish: ratios from one run, beside a floor."""
