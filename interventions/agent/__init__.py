"""The agent at work: every step moves rows by the table in `interventions.vocabulary.statuses`."""
