"""`python -m stackfsck.cli`, for where the script is not on PATH."""

from stackfsck.cli import main

if __name__ == "__main__":
    main()
