"""Rich text: one document, given as blocks, wiki markup or ADF, comes out in each form Jira answers with."""
