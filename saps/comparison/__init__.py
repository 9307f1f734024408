"""Many systems under equal budgets, side by side in one table."""
