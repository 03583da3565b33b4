"""How fast the tool is, beside others on the same machine: each module measures one thing and answers a table."""
