"""Run the demo LMS: ``python -m tests.demo_lms``."""

import sys

from tests.demo_lms.serving import main

sys.exit(main())
