"""`make test`: every suite in its own virtual environment, side by side with suites that it does not disturb."""
