"""What systems have learned: each study is one command, which writes its figures, a table and a plot."""
