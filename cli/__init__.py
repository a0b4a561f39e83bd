"""The `modelyard` command: a file per command group; heavy imports only inside the command that needs them."""
