internal import ReprocessCLI

print("reprocess")
