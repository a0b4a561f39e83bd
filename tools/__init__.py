"""Tools that make a bare machine able to run modelyard: set-up, local cluster, images, offline plugins, `make up`."""
