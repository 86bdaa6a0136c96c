/**
 * Names that no rule can read: one cloud's word for a model on the left, the canonical id on the right. A key is a
 * Bedrock id without scope and context (`aws:` before it), or a canonical id as the rules make it.
 *
 * The rows under "models.dev" come from its `base_model` field (https://github.com/anomalyco/models.dev, at f3fc6922,
 * 2026-07-02), used under this licence:
 *
 * MIT License
 *
 * Copyright (c) 2025 models.dev
 *
 * Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
 * documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
 * rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
 * persons to whom the Software is furnished to do so, subject to the following conditions:
 *
 * The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
 * Software.
 *
 * THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
 * WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
 * COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
 * OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
 */
export const knownModels: ReadonlyMap<string, string> = new Map([
  // models.dev
  ['nvidia/nemotron-nano-12b-v2', 'nvidia/nemotron-nano-12b-v2-vl'],
  ['nvidia/nemotron-nano-3-30b', 'nvidia/nemotron-3-nano-30b-a3b'],
  ['nvidia/nemotron-super-3-120b', 'nvidia/nemotron-3-super-120b-a12b'],

  // Bedrock ids that do not name the release they serve.
  // https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-deepseek.html
  ['aws:deepseek.v3-v1:0', 'deepseek/deepseek-v3.1'],
  ['aws:anthropic.claude-v2:1', 'anthropic/claude-2.1'],
  ['anthropic/claude-v2', 'anthropic/claude-2'],

  // The same release, named by each cloud in its own way.
  ['anthropic/claude-opus-4-0', 'anthropic/claude-opus-4'],
  ['anthropic/claude-sonnet-4-0', 'anthropic/claude-sonnet-4'],
  ['cohere/embed-v3-english', 'cohere/embed-english-v3'],
  ['cohere/embed-v3-multilingual', 'cohere/embed-multilingual-v3'],
  ['cohere/embed-v-4-0', 'cohere/embed-v4'],
  ['cohere/rerank-v3-5', 'cohere/rerank-v3.5'],
  ['meta/llama-3.2-11b-instruct', 'meta/llama-3.2-11b-vision-instruct'],
  ['meta/llama-3.2-90b-instruct', 'meta/llama-3.2-90b-vision-instruct'],
  ['meta/llama-4-maverick-17b-128e-instruct-fp8', 'meta/llama-4-maverick-17b-instruct'],
  ['meta/llama-4-scout-17b-16e-instruct', 'meta/llama-4-scout-17b-instruct'],
  ['microsoft/phi-4-mini-instruct', 'microsoft/phi-4-mini'],
  ['microsoft/phi-4-multimodal-instruct', 'microsoft/phi-4-multimodal'],
  ['mistral/mistral-large-3-675b-instruct', 'mistral/mistral-large-3'],
  ['openai/gpt-4-turbo-preview', 'openai/gpt-4-turbo'],
  ['openai/gpt-4-turbo-vision', 'openai/gpt-4-turbo'],
  ['openai/gpt-4-turbo-vision-preview', 'openai/gpt-4-turbo'],
  ['openai/gpt-4-vision-preview', 'openai/gpt-4-turbo'],
]);
