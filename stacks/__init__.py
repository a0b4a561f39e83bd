"""The program: `environment` reads the typed environment file, `gpu_platform` composes it in order."""
