"""kaito's own estimate, and where it differs from the planner's."""
