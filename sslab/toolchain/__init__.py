"""The programs that the laboratory needs: found on the machine, or built from pinned sources."""
