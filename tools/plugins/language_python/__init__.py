"""Offline stand-in of Pulumi's Python language host (`pulumi-language-python`)."""
