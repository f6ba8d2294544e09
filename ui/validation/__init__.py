"""The page Validation: does the score tell who leaves?"""
