"""Fine-tuning of a language model; `config` is pure, the rest needs torch and transformers."""
