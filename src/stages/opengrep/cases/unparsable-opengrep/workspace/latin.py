name = "José"
