"""What every page shares: base templates, access rules, error table, API kit. Knows no slice."""
