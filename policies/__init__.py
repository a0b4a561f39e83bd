"""The policy pack. `rules` needs no Pulumi; `pack` wraps the rules for the engine; `__main__` serves them."""
