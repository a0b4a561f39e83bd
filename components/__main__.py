"""Host of the components for programs in any language: `pulumi package add <path or address of this folder>`."""

import sys

from modelyard.components.package import ModelyardProvider
from pulumi.provider import main

if __name__ == "__main__":
    main(ModelyardProvider(), sys.argv[1:])
