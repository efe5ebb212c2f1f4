/**
 * A process of its own for one invocation of one bundle, with nothing of the tests in it. Told over its channel which
 * module, handler and event; answers with what Lambda would. Plain JavaScript: nothing is compiled on the way.
 */
process.once('message', async ({ module, handler, event }) => {
  const answer = await run(module, handler, event).catch((error) => ({
    errorType: error.name,
    errorMessage: error.message,
  }));
  process.send(answer, () => process.disconnect());
});

async function run(module, handler, event) {
  const loaded = await import(module);
  const context = {
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    getRemainingTimeInMillis: () => 60_000,
  };
  return { result: await loaded[handler](event, context) };
}
