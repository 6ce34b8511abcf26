/** The AWS SDK warns that some later release will want Node 22. The lock file decides which one runs here, and standard error
 *  belongs to what a person can do something about. To be called before the SDK is loaded. */
export function silenceNodeVersionWarning(): void {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
}
