"""The bounds of one text: what is longer, deeper or wider is cut visibly instead of costing time or stack."""

MAX_CHARS = 300_000
"""Jira Cloud stores 32,767 characters per text; Data Center can be set higher."""

MAX_DEPTH = 24
"""Blocks inside blocks; what lies deeper keeps its text as one paragraph."""

MAX_NODES = 100_000
"""Nodes of one ADF document."""

MAX_CELLS_SPAN = 100
"""The widest colspan or rowspan that is believed."""
