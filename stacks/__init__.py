"""The program: `environment` reads the typed environment file, `platform` composes it in order."""
