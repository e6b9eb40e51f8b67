"""The claims that dlverify ships: one statement a file. Installed as `dlverify.claims`."""
