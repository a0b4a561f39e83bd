"""Which hardware a model needs: memory, parallelism, speed and price, from first principles."""
