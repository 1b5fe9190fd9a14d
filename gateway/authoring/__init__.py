"""What a module's author works with: building, cases, single runs, speed. It uses the sandbox that serves."""
