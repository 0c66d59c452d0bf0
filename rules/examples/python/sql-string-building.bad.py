def find(cursor, table, name):
    # secplan-expect
    cursor.execute(f"SELECT * FROM {table}")
    # secplan-expect
    cursor.execute("SELECT * FROM users WHERE name = '%s'" % name)
    # secplan-expect
    cursor.execute("SELECT * FROM users WHERE name = '" + name + "'")
    # secplan-expect
    cursor.execute("SELECT * FROM users WHERE name = '{}'".format(name))
