"""Shared by all components: errors, ownership, volumes, amounts, change tables."""
