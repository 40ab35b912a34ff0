"""What a government can do: instruments, and packages of them."""
