"""Brings a bare Debian machine to the point where `make up` and `make test` can run.

Only the standard library is used here: this code runs before any virtual environment exists. What to install is data
(`packages`, `binaries`, `environments`), how to install it is `steps`, in which order and side by side is `lanes`.
Everything lands in a per-user cache keyed by content, so that a second clone finds it all.
"""
