"""From tables to findings: what each check answers, and how sure that is."""
