"""The policy set: files in, rulings and plans out. Only `load` and `files` touch the disk."""
