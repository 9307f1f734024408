"""``python -m saps.cli`` is the same as ``saps``."""

import sys

from saps.cli import main

sys.exit(main())
