"""Server of a language model; `config` is pure, the rest needs torch, transformers and Ray."""
