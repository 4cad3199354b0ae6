"""What the server loads."""

from rental import create_app

app = create_app()
