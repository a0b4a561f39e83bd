"""`make test`: every suite in its own virtual environment, side by side where they do not disturb each other."""
