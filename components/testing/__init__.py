"""For tests of programs that use these components: a recorder in the engine's place, and golden files."""
