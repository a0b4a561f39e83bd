"""Memory and speed of fine-tuning."""
