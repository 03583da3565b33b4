"""Other tools, as small as they can be made, that are measured beside this one."""
